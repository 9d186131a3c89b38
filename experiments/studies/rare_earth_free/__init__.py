"""What the rule "no rare earths" costs each brand, at three magnet prices."""
