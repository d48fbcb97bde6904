"""How often what "similar learners took" is what somebody took next, on ratings that real people gave."""
