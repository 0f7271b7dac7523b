"""The sizes of the source code, told at the end of a run that looked at its shape."""

from statistics import median, quantiles

from shape.sources import lines_of, modules


def tell(terminalreporter):
    files = [len(module.path.read_text().splitlines()) for module in modules()]
    functions = [lines_of(function) for module in modules() for function in module.functions]
    terminalreporter.write_sep("-", "sizes of src/hauberk, in lines")
    for name, sizes in (("files", files), ("functions", functions)):
        p90 = quantiles(sizes, n=10)[-1]
        terminalreporter.write_line(
            f"{name:>9}: {len(sizes)}, median {median(sizes):.0f}, p90 {p90:.0f}, longest {max(sizes)}"
        )
