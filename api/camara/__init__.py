"""CAMARA's APIs for partners, as JSON over HTTP (docs/partners.md)."""
