"""An offer puts a batch or one package to one provider until a deadline; the provider answers package by package."""
