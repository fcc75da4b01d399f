"""An application: a provider asks to join lots of a scheme with one location; it is checked and decided with reasons."""
