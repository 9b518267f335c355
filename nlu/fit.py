"""Fits one fastText model; runs in the training environment, where the module `fasttext` is the one that trains.

Stands alone: no import from this project. Usage: python fit.py LINES MODEL SETTINGS-AS-JSON
"""

import json
import os
import sys


def main(lines: str, model_file: str, settings: str) -> None:
    import fasttext

    chosen = json.loads(settings)
    quantize = chosen.pop("quantize", None)
    model = fasttext.train_supervised(input=lines, thread=1, verbose=0, **chosen)
    if quantize is not None:
        model.quantize(input=lines, thread=1, verbose=0, **quantize)
    model.save_model(model_file + ".new")
    os.replace(model_file + ".new", model_file)


if __name__ == "__main__":
    main(*sys.argv[1:])
