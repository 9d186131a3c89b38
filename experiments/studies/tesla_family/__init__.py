"""The published family benchmark's cars: tailored units against shared parts, by total cost of ownership."""
