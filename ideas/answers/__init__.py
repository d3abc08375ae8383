"""What the organisation does about it: decisions, actions, the debrief."""
