"""What is stored, one module a collection: the Beanie document with its indexes, and the way from and to the domain."""

from beanie import Document

from gateway.storage.documents.contact import ContactDocument
from gateway.storage.documents.definition_version import DefinitionVersionDocument
from gateway.storage.documents.event import EventDocument
from gateway.storage.documents.import_run import ImportDocument
from gateway.storage.documents.outcome import OutcomeDocument
from gateway.storage.documents.prediction_model import PredictionModelDocument
from gateway.storage.documents.rejected_event import RejectedEventDocument
from gateway.storage.documents.session import SessionDocument
from gateway.storage.documents.token import TokenDocument
from gateway.storage.documents.write_key import WriteKeyDocument

DOCUMENTS: list[type[Document]] = [
    ContactDocument,
    DefinitionVersionDocument,
    EventDocument,
    ImportDocument,
    OutcomeDocument,
    PredictionModelDocument,
    RejectedEventDocument,
    SessionDocument,
    TokenDocument,
    WriteKeyDocument,
]
