"""The page: a server of watched worlds. Routes and processes only; what can be done is in `jobs`."""
