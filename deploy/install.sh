#!/bin/sh
# Install what a file of requirements/ lists, and the package itself. Each file that is downloaded has to have a hash that
# is listed; pip refuses any other. Usage: deploy/install.sh PYTHON requirements/app.txt
set -eu
pip="$1 -m pip install --quiet --disable-pip-version-check"
# torch for processors alone, where pip finds it; else that of the registry, which on Linux needs gigabytes of CUDA.
$pip --require-hashes --no-deps --requirement requirements/torch-cpu.txt 2>/dev/null ||
  $pip --require-hashes --no-deps --requirement requirements/torch.txt
$pip --require-hashes --requirement "$2"
# The package is a folder, which has no hash: it is built with the setuptools of above, and brings nothing with it.
$pip --no-deps --no-build-isolation --editable .
