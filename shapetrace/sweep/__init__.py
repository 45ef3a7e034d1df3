"""Many exports, a process each, on the workers of a Dask cluster: what came of each, kept so that nothing done is done again.

`plan` reads what is asked for, `jobs` makes jobs of it, `sources` and `environments` tell what decides their outcome, `cluster` hands them
out. On a worker `working` runs the commands of a job by `process`, and `judging` says what came of it. `folder` keeps the records, `page` and
`tables` show them, `comparing` compares those of two sweeps.
"""
