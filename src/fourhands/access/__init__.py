"""Who may do what, and how somebody proves who they are; pure."""
