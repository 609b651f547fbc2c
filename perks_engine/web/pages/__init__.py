"""The pages: a portal for influencers, a console for staff, and what anybody may open. docs/pages.md says how
one is added."""
