"""The seven systems of the story: model against published, and the front beside the real unit."""
