"""deploy/Caddyfile, tried with a real Caddy in front of the real server, with certificates of its own."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.app.server.test_nginx import FORGED, ask, free_port, site, wait_for
from tests.services import unavailable

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "Caddyfile"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def caddy(tmp_path_factory):
    """The port of https of Caddy, with our configuration but for its ports and who signs its certificate."""
    program = shutil.which("caddy") or unavailable("no caddy: install it (apt-get install caddy)")
    folder, port = tmp_path_factory.mktemp("caddy"), free_port()
    here = f"http_port {free_port()}\n\thttps_port {port}\n\tadmin off\n\tdefault_sni ideas.example.org\n"
    here += "\tlocal_certs\n\tskip_install_trust\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n"
    text = CONFIGURATION.read_text()
    assert "\n{\n\tservers {" in text
    configuration = folder / "Caddyfile"
    configuration.write_text(text.replace("\n{\n\tservers {", f"\n{{\n\t{here}\tservers {{"))
    with site(folder) as upstream:
        chosen = {"SITE": "ideas.example.org", "UPSTREAM": f"127.0.0.1:{upstream}", "HOME": str(folder)}
        chosen |= {"XDG_DATA_HOME": str(folder), "XDG_CONFIG_HOME": str(folder)}
        command = [program, "run", "--config", configuration, "--adapter", "caddyfile"]
        with (folder / "error.log").open("wb") as log:
            process = subprocess.Popen(command, env=os.environ | chosen, stderr=log)  # noqa: S603 -- our own command
        wait_for(port, process, folder / "error.log")
        yield port
        process.terminate()
        process.wait(30)


def test_caddy_passes_on_who_asks_and_throws_away_what_the_caller_forges(caddy):
    assert ask(caddy) == (200, "127.0.0.1 https ideas.example.org")
    assert ask(caddy, headers=FORGED) == (200, "127.0.0.1 https ideas.example.org")
    assert ask(caddy, headers={"Forwarded": "for=203.0.113.9;host=evil.example"})[1].startswith(
        "127.0.0.1 https ideas."
    )


def test_caddy_takes_the_largest_upload_refuses_what_is_larger_and_hides_the_figures(caddy):
    assert ask(caddy, method="POST", body=b"a" * 16_000_000)[0] == 200
    try:
        status, _ = ask(caddy, method="POST", body=b"a" * 18_000_000)
    except OSError:  # closed before all of it was sent
        status = 413
    assert status == 413
    assert ask(caddy, "/metrics") == (404, "")
