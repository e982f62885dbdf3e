"""Who sees which files."""

from kit.scope import Scope

# Contracts and bank papers: the partner's own, not its distributor's business.
FILES = Scope(
    STAFF="({viewer.reviews_programmes}::boolean and {t}.stored_at is not null"
    " and {t}.removed_at is null)",
    OPERATOR="({t}.partner_id = {viewer.partner_id} and {t}.stored_at is not null"
    " and {t}.removed_at is null)",
)
