"""What a user can see of exports, told by processes that watch and by processes that do not, for `test_plain_exports.py`."""
