"""Who sees which invitations, members and projects; who may do what is said in guards.py."""

from kit.scope import INHERITED, Scope, of_partners

# Whoever works for the platform or a partner needs a right that has to do with members; then a
# partner sees its own, a distributor also its resellers'. A person sees what is about himself.
_OWN = {
    "STAFF": "{viewer.sees_members}::boolean",
    **of_partners(
        "({t}.partner_id = {viewer.partner_id} and {viewer.sees_members}::boolean)",
        "({t}.partner_id = any({viewer.partner_ids}) and {viewer.sees_members}::boolean)",
    ),
    "PERSON": "{t}.person_id = {viewer.person_id}",
    "CUSTOMER": "{t}.person_id = {viewer.person_id}",
}

INVITATIONS = Scope(**_OWN)
MEMBERS = Scope(**_OWN)

_OF_ONESELF = (
    "exists (select from member own where own.id = {t}.member_id"
    " and own.person_id = {viewer.person_id})"
)
PROJECTS = Scope(**(_OWN | {"PERSON": _OF_ONESELF, "CUSTOMER": _OF_ONESELF}))

# Whoever sees a member sees the file with which its cancelling was asked for.
EVIDENCE = INHERITED
