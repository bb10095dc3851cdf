PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
PIP := $(BIN)/pip install -q --disable-pip-version-check

.PHONY: demo test check docs bench bench-speed clean

demo: $(VENV)/demo.done
	$(BIN)/semo-annotate run recipes/quickstart.yaml

test: $(VENV)/test.done
	$(BIN)/python -m pytest

check: $(VENV)/test.done
	$(BIN)/ruff check annotate tests benchmarks
	$(BIN)/ruff format --check annotate tests benchmarks
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/demo.done: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[espeak]'
	touch $@

$(VENV)/test.done: pyproject.toml | $(VENV)/bin/python
	$(PIP) -e '.[espeak,world,ray,train,eval,dev]'
	touch $@ $(VENV)/demo.done

docs: $(VENV)/test.done
	$(PIP) 'mkdocs>=1.6,<2'
	$(BIN)/mkdocs build --quiet

# a benchmark wants a quiet machine; nkululeko is only compared with, so its own requirements are left out
bench-speed: $(VENV)/test.done
	$(PIP) audiofile scikit-learn psutil
	$(PIP) --no-deps nkululeko==1.14.1
	$(BIN)/python benchmarks/speed.py $(DATA) $(if $(JSON),--json $(JSON))

bench: $(VENV)/test.done
	$(BIN)/python benchmarks/manifest_rows.py --rows 100000 --form csv
	$(BIN)/python benchmarks/fda.py $(DATA)

clean:
	rm -rf $(VENV) out dist build
