"""Run every benchmark: python -m benchmarks.run_all."""

from benchmarks import bundled, confidence, fusion, gate, parakqc, serving


def main() -> None:
    """Run them one after the other; each writes its own file."""
    for benchmark in (bundled, confidence, fusion, parakqc, serving, gate):
        benchmark.main()


if __name__ == "__main__":
    main()
