"""All that touches Paddle: probes, reversible patches, frames turned into sites, what each op argument means."""
