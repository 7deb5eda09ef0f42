"""What people see: tables and short reports, made with Rich."""
