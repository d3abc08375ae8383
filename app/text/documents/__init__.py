"""Pages of the documentation that are written from the code: `docs/notices.md`, and the register of processing."""
