"""Commands that name administrators, for whoever runs the server."""

import sys

import click
from flask import current_app
from flask.cli import AppGroup

from app.clock import now
from app.extensions import database
from app.settings import Settings
from ideas.accounts.identity import sign_up
from ideas.accounts.second_factor import remove_second_factor
from ideas.accounts.set_up import make_admin, needs_password
from ideas.errors import DomainError
from ideas.organisation.organisation import the_organisation
from ideas.people.person import Person, find_person, normal_email
from ideas.people.platform_role import PlatformRole, admins, revoke
from ideas.people.sanction import SanctionKind, sanction_in_force

admin_commands = AppGroup("admin", help="Name the administrators of this site.")


class BadInput(click.ClickException):
    """The input can't be used. Printed as one line, with exit status 2."""

    exit_code = 2


@admin_commands.command("create")
@click.argument("email", metavar="EMAIL")
@click.option("--name", help="Name of a new account. Default: the part of the address before the @.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input, where one is asked for.")
def create_admin_command(email: str, name: str | None, password_stdin: bool) -> None:
    """Make the account with the address EMAIL an administrator. It is created if there is none.

    The address counts as confirmed. A password is asked for where there is no account yet, or where nobody confirmed
    its address: somebody else may have chosen the password that it has.
    """
    person = find_person(database(), email)
    try:
        if person is None:
            person, password = _create(normal_email(email), name, _password(from_stdin=password_stdin)), None
        elif needs_password(person):
            click.echo(f"Nobody confirmed the address {person.email}. Choose a new password for this account.")
            password = _password(from_stdin=password_stdin)
        else:
            password = None
        make_admin(database(), person, password=password, now=now())
    except DomainError as error:
        raise BadInput(str(error)) from error
    database().commit()
    click.echo(f"{person.name} <{person.email}> is an administrator.")


@admin_commands.command("list")
def list_admins_command() -> None:
    """List the administrators, and say which of them may not act at the moment."""
    found = admins(database())
    if not found:
        click.echo("There is no administrator. Name one with: flask --app app admin create EMAIL")
    for person in found:
        click.echo(f"{person.email}  {person.name}{_kept_out(person)}")


@admin_commands.command("revoke")
@click.argument("email", metavar="EMAIL")
def revoke_admin_command(email: str) -> None:
    """Make the administrator with the address EMAIL an ordinary member. The last one who may act stays."""
    person = find_person(database(), email)
    if person is None or not person.is_admin:
        raise BadInput(f"{email} is not an administrator.")
    try:
        revoke(database(), person, PlatformRole.ADMIN, by=None, now=now())
    except DomainError as error:
        raise BadInput(str(error)) from error
    database().commit()
    click.echo(f"{person.name} <{person.email}> is no longer an administrator.")


@admin_commands.command("remove-code")
@click.argument("email", metavar="EMAIL")
def remove_code_command(email: str) -> None:
    """Let the person with the address EMAIL sign in without a code, because they lost their app."""
    person = find_person(database(), email)
    if person is None or not remove_second_factor(database(), person, by=None, now=now()):
        raise BadInput(f"No sign-in of {email} asks for a code.")
    database().commit()
    click.echo(f"{person.name} <{person.email}> signs in without a code.")


def _create(email: str, name: str | None, password: str) -> Person:
    settings: Settings = current_app.extensions["settings"]
    return sign_up(
        database(),
        email=email,
        name=name or email.partition("@")[0],
        password=password,
        rules_accepted=True,  # whoever runs the site sets its rules
        now=now(),
        locale=settings.locale,
        timezone=settings.timezone,
        organisation=the_organisation(database()).name,
    )


def _password(*, from_stdin: bool) -> str:
    """A password, typed twice without being shown, or the first line of standard input."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    typed: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    return typed


def _kept_out(person: Person) -> str:
    sanction = sanction_in_force(database(), person, None, now=now())
    if sanction is None:
        return ""
    if sanction.kind is SanctionKind.BAN or sanction.ends_at is None:
        return "  (banned)"
    return f"  (suspended until {sanction.ends_at:%Y-%m-%d %H:%M} UTC)"
