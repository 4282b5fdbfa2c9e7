"""Running code: which languages there are. The browser runs them; `web/runner` holds the runtimes."""
