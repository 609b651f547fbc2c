"""What stands on the tables of the first schema."""

from __future__ import annotations

from perks_engine.storage.migrations.approval_0001 import create_approval_rule, drop_approval_rule
from perks_engine.storage.migrations.dispute_0001 import create_dispute_tables, drop_dispute_tables
from perks_engine.storage.migrations.duty_0001 import create_duty_tables, drop_duty_tables
from perks_engine.storage.migrations.feedback_0001 import create_feedback_tables, drop_feedback_tables
from perks_engine.storage.migrations.identity_0001 import create_identity_tables, drop_identity_tables
from perks_engine.storage.migrations.incident_0001 import create_incident_tables, drop_incident_tables
from perks_engine.storage.migrations.judgement_0001 import create_judgement_tables, drop_judgement_tables
from perks_engine.storage.migrations.keeping_0001 import create_keeping_tables, drop_keeping_tables
from perks_engine.storage.migrations.mail_0001 import create_mail_tables, drop_mail_tables
from perks_engine.storage.migrations.offer_0001 import create_offer_tables, drop_offer_tables
from perks_engine.storage.migrations.partitions_0001 import create_partitions, drop_partitions
from perks_engine.storage.migrations.receipt_0001 import create_receipt_tables, drop_receipt_tables
from perks_engine.storage.migrations.sending_0001 import create_sending_tables, drop_sending_tables
from perks_engine.storage.migrations.staff_0001 import create_staff_tables, drop_staff_tables
from perks_engine.storage.migrations.statement_0001 import create_statement_tables, drop_statement_tables

PARTS = (
    (create_partitions, drop_partitions),
    (create_approval_rule, drop_approval_rule),
    (create_receipt_tables, drop_receipt_tables),
    (create_dispute_tables, drop_dispute_tables),
    (create_duty_tables, drop_duty_tables),
    (create_statement_tables, drop_statement_tables),
    (create_sending_tables, drop_sending_tables),
    (create_incident_tables, drop_incident_tables),
    (create_keeping_tables, drop_keeping_tables),
    (create_feedback_tables, drop_feedback_tables),
    (create_judgement_tables, drop_judgement_tables),
    (create_offer_tables, drop_offer_tables),
    (create_mail_tables, drop_mail_tables),
    (create_identity_tables, drop_identity_tables),
    (create_staff_tables, drop_staff_tables),
)
"""Each with what takes it away again, in order."""
