mod watching;
