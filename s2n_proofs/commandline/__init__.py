"""What stands between the commands and the shell: options, exit statuses, one-sentence errors."""
