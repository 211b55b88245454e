"""The report of an outcome's predictions as one HTML page, drawn without any library, script or other file."""
