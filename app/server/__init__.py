"""The server of the embedded installation, and what stands between the network and a view."""
