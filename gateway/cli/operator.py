"""Who works at the command line: he may do everything, and the audit log names him so."""

from gateway.access.permissions import ROLES
from gateway.access.tokens import ADMIN
from gateway.access.viewer import Viewer

OPERATOR = Viewer("command line", ADMIN, ROLES[ADMIN])
