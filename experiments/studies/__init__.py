"""Studies: a question, a command, a figure, an answer each."""
