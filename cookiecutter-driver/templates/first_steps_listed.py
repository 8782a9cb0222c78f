"""The first steps with the {{ cookiecutter.model_text }}; for a real one write its address in place of ``sim://``."""

import luthier

with luthier.open("{{ cookiecutter.driver_id }}", "sim://", name="instrument") as instrument:
    print(instrument.connect_message())
    for name, parameter in instrument.parameters.items():
        if parameter.gettable:
            print(f"{name}: {parameter.get()} {parameter.unit}")
