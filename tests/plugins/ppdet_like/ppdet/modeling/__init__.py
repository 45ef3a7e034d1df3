"""As `ppdet`."""

from . import transformers as transformers
