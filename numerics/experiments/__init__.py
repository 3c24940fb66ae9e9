"""Samplers judged on data whose score is known, so that every error is the sampler's own; or on a user's own network."""
