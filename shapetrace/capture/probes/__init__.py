"""What listens during a conversion; `install.py` opens all of it."""
