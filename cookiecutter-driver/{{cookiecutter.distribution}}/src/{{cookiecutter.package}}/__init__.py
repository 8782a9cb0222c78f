"""Luthier drivers for instruments of {{ cookiecutter.maker_text }}."""
