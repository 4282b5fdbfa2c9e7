# status: output_limit
yes >&2
