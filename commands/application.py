"""All commands, by their names."""

import os
import sys

import typer

from commands import (
    access,
    analyse,
    audit,
    database,
    doctor,
    export,
    generate,
    lab,
    load,
    partner,
    query,
    records,
    revenue,
    rights,
    serve,
    trusted,
)
from commands.terminal import NOTES
from graph.errors import one_line

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="A graph of subscribers: load records, ask GraphQL.",
)
app.command("load")(load.load_command)
sources_app = typer.Typer(invoke_without_command=True, callback=load.sources_command)
sources_app.command("draft")(load.draft_command)
app.add_typer(sources_app, name="sources")
app.command("generate")(generate.generate_command)
app.command("analyse")(analyse.analyse_command)
app.command("calibrate")(analyse.calibrate_command)
app.command("query")(query.query_command)
app.command("serve")(serve.serve_command)
app.command("demo")(serve.demo_command)
app.command("lab")(lab.lab_command)
app.command("token")(access.token_command)
app.command("trusted")(trusted.trusted_command)
app.command("doctor")(doctor.doctor_command)

client_app = typer.Typer(no_args_is_help=True, help="Programs that fetch their own tokens.")
client_app.command("add")(access.add_client_command)
client_app.command("remove")(access.remove_client_command)
client_app.command("list")(access.list_clients_command)
app.add_typer(client_app, name="client")

partner_app = typer.Typer(no_args_is_help=True, help="Third parties that ask by an agreement.")
partner_app.command("add")(partner.add_partner_command)
partner_app.command("approve")(partner.approve_partner_command)
partner_app.command("suspend")(partner.suspend_partner_command)
partner_app.command("keys")(partner.set_partner_keys_command)
partner_app.command("list")(partner.list_partners_command)
app.add_typer(partner_app, name="partner")

audit_app = typer.Typer(no_args_is_help=True, help="Who read what of whom.")
audit_app.command("show")(audit.show_command)
audit_app.command("verify")(audit.verify_command)
app.add_typer(audit_app, name="audit")

revenue_app = typer.Typer(no_args_is_help=True, help="What partners owe and others are due.")
revenue_app.command("close")(revenue.close_command)
revenue_app.command("statement")(revenue.statement_command)
revenue_app.command("check")(revenue.check_command)
app.add_typer(revenue_app, name="revenue")

records_app = typer.Typer(no_args_is_help=True, help="The record store.")
records_app.command("compact")(records.compact_command)
records_app.command("erase")(records.erase_command)
records_app.command("readmit")(records.readmit_command)
app.add_typer(records_app, name="records")

rights_app = typer.Typer(no_args_is_help=True, help="What people may ask of who has their data.")
rights_app.command("access")(rights.access_command)
rights_app.command("export")(rights.export_command)
rights_app.command("rectify")(rights.rectify_command)
rights_app.command("verify")(rights.verify_command)
app.add_typer(rights_app, name="rights")

export_app = typer.Typer(no_args_is_help=True, help="What others take from here.")
export_app.command("tables")(export.export_tables_command)
export_app.command("graph")(export.export_graph_command)
app.add_typer(export_app, name="export")

database_app = typer.Typer(no_args_is_help=True, help="The embedded database.")
database_app.command("start")(database.start_command)
database_app.command("stop")(database.stop_command)
database_app.command("status")(database.status_command)
database_app.command("digest")(database.digest_command)
app.add_typer(database_app, name="database")


def run() -> None:
    """Run the command line; a failure that we foresee is one line and exit status 1."""
    try:
        app()
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception as error:
        if "TIEGRAPH_TRACEBACK" in os.environ:
            raise
        NOTES.print(f"tiegraph: {one_line(error)}", style="red", markup=False, highlight=False)
        sys.exit(1)
