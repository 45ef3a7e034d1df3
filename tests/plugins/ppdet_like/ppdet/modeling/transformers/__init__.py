"""As `ppdet`."""
