"""Executes a notebook on the Deno kernel: execute_notebook.py SOURCE OUTPUT.

Shows a line a cell. Writes OUTPUT whether or not all cells ran, without
anything that differs between two runs of the same code, and exits 1 if a cell
failed. The kernel works in the folder of SOURCE.
"""

import asyncio
import re
import sys
import time
from pathlib import Path
from queue import Empty

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

KERNELSPEC = {"display_name": "Deno", "language": "typescript", "name": "deno"}
# Without the version, which changes with Deno; `deno fmt` goes by the name.
LANGUAGE_INFO = {
    "file_extension": ".ts",
    "mimetype": "text/x.typescript",
    "name": "typescript",
}
ANSI = re.compile(r"\x1b\[[0-9;]*m")
# The Deno kernel may report itself idle before a cell's last outputs are sent.
# This code runs after each cell; once its own outputs are in, so are the cell's.
MARK = "latency-lab: end of the cell's outputs"
MARK_CODE = f"""console.log({MARK!r});
console.error({MARK!r});
await Deno.jupyter.display({{ "text/plain": {MARK!r} }}, {{ raw: true }});"""
MARK_COUNT = 3
OUTPUT_TYPES = {
    "stream",
    "display_data",
    "update_display_data",
    "execute_result",
    "error",
}
MARK_TIMEOUT_S = 60


def main(source: Path, output: Path) -> int:
    notebook = nbformat.read(source, as_version=4)
    cells = [
        (index, cell)
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code" and cell.source.strip()
    ]
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    try:
        asyncio.run(run_cells(notebook, cells, source))
    except CellError as error:
        print(error, file=sys.stderr, flush=True)
        return 1
    finally:
        make_stable(notebook, [cell for _, cell in cells])
        nbformat.write(notebook, output)
    return 0


class CellError(Exception):
    """A cell that failed, with the words that a reader needs."""


async def run_cells(notebook, cells, source):
    client = NotebookClient(
        notebook,
        kernel_name="deno",
        timeout=None,
        record_timing=False,
        resources={"metadata": {"path": str(source.parent)}},
    )
    async with client.async_setup_kernel():
        for number, (index, cell) in enumerate(cells, start=1):
            title = f"cell {number} of {len(cells)}"
            started = time.monotonic()
            try:
                await run_cell(client, cell, index)
            except (CellExecutionError, DeadKernelError, Empty) as error:
                reason = error_text(cell) or str(error) or "no answer from Deno"
                raise CellError(
                    f"{source.name}: {title} failed:\n{reason}"
                ) from error
            seconds = time.monotonic() - started
            first_line = cell.source.strip().splitlines()[0]
            print(f"{title:<16} {seconds:6.1f} s  {first_line:.60}", flush=True)


async def run_cell(client, cell, index):
    """Runs a cell and waits for all of its outputs."""
    try:
        await client.async_execute_cell(cell, index)
    except CellExecutionError:
        await collect_late_outputs(client, cell, index)
        raise
    await collect_late_outputs(client, cell, index)


async def collect_late_outputs(client, cell, index):
    """Takes in what the kernel sends for a cell after it reported itself idle."""
    client.kc.execute(MARK_CODE, store_history=False)
    seen = 0
    while seen < MARK_COUNT:
        message = await client.kc.get_iopub_msg(timeout=MARK_TIMEOUT_S)
        if message["msg_type"] not in OUTPUT_TYPES:
            continue
        if MARK in str(message["content"]):
            seen += 1
        else:
            client.process_message(message, cell, index)


def error_text(cell):
    """The errors among a cell's outputs, without colours."""
    errors = [out for out in cell.outputs if out.output_type == "error"]
    return "\n".join(
        ANSI.sub("", "\n".join(error.traceback) or f"{error.ename}: {error.evalue}")
        for error in errors
    )


def make_stable(notebook, executed):
    """Drops what differs between runs and merges what was sent in pieces."""
    notebook.metadata["kernelspec"] = KERNELSPEC
    notebook.metadata["language_info"] = LANGUAGE_INFO
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
    for number, cell in enumerate(executed, start=1):
        if cell.execution_count is None:
            continue
        cell.execution_count = number
        cell.outputs = merge_streams(cell.outputs)
        for out in cell.outputs:
            if out.output_type == "execute_result":
                out.execution_count = number


def merge_streams(outputs):
    """Joins neighbouring pieces of one stream."""
    merged = []
    for out in outputs:
        last = merged[-1] if merged else None
        if (
            last is not None
            and out.output_type == last.output_type == "stream"
            and out.name == last.name
        ):
            last.text += out.text
        else:
            merged.append(out)
    return merged


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()))
