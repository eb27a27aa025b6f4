"""The integrator's command line: what is done to a tenant by hand, from one's own machine, with one's own rights."""
