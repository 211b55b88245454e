"""What is stored, one module a collection: the Beanie document with its indexes, and the way from and to the domain."""

from beanie import Document

from gateway.storage.documents.audit_entry import AuditEntryDocument
from gateway.storage.documents.contact import ContactDocument
from gateway.storage.documents.definition_version import DefinitionVersionDocument
from gateway.storage.documents.division import DivisionDocument
from gateway.storage.documents.erasure import ErasureDocument
from gateway.storage.documents.event import EventDocument
from gateway.storage.documents.external_organization import ExternalOrganizationDocument
from gateway.storage.documents.external_source import ExternalSourceDocument
from gateway.storage.documents.identity_edge import IdentityEdgeDocument
from gateway.storage.documents.import_run import ImportDocument
from gateway.storage.documents.note import NoteDocument
from gateway.storage.documents.outcome import OutcomeDocument
from gateway.storage.documents.prediction_model import PredictionModelDocument
from gateway.storage.documents.prediction_model_trees import PredictionModelTreesDocument
from gateway.storage.documents.registered_identifier import RegisteredIdentifierDocument
from gateway.storage.documents.rejected_event import RejectedEventDocument
from gateway.storage.documents.relationship import RelationshipDocument
from gateway.storage.documents.removal import RemovalDocument
from gateway.storage.documents.role import RoleDocument
from gateway.storage.documents.segment import SegmentDocument
from gateway.storage.documents.session import SessionDocument
from gateway.storage.documents.session_link import SessionLinkDocument
from gateway.storage.documents.token import TokenDocument
from gateway.storage.documents.training import TrainingDocument
from gateway.storage.documents.turn import TurnDocument
from gateway.storage.documents.write_key import WriteKeyDocument

DOCUMENTS: list[type[Document]] = [
    AuditEntryDocument,
    ContactDocument,
    DefinitionVersionDocument,
    DivisionDocument,
    ErasureDocument,
    EventDocument,
    ExternalOrganizationDocument,
    ExternalSourceDocument,
    IdentityEdgeDocument,
    ImportDocument,
    NoteDocument,
    OutcomeDocument,
    PredictionModelDocument,
    PredictionModelTreesDocument,
    RegisteredIdentifierDocument,
    RejectedEventDocument,
    RelationshipDocument,
    RemovalDocument,
    RoleDocument,
    SegmentDocument,
    SessionDocument,
    SessionLinkDocument,
    TokenDocument,
    TrainingDocument,
    TurnDocument,
    WriteKeyDocument,
]
