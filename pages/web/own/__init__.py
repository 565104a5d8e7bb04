"""What an enterprise, or a person, sees of itself and does: nothing on these pages is anybody else's."""
