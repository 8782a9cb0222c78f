"""The first steps with the {{ cookiecutter.model_text }}; for a real one write its address in place of ``sim://``."""

import luthier

with luthier.open("{{ cookiecutter.driver_id }}", "sim://", name="source") as source:
    print(source.connect_message())
    source.output.current_limit(0.01)
    source.output.on(True)
    for level in (0.0, 0.5, 1.0):
        source.output.voltage(level)
        print(f"{level} V: {source.current()} A, {source.temperature()} K")
    source.make_safe()
