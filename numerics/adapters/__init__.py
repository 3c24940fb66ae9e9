"""Models and schedulers of other packages (extra ``interop``); each module imports its package when it is imported itself.

``denoisers`` needs none of them; ``diffusers_scheduler`` needs diffusers; ``azula_schedules`` needs azula.
"""
