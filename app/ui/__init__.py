"""What people see and fill in: forms and their fields, and drawings. Below sign-in; knows nothing of requests' edges."""
