"""What tests share: isolation from the machine they run on, and checks that nothing is left behind."""
