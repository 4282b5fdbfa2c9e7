"""HTTP: REST resources, pages and assets."""
