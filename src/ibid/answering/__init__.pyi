from .citing import drop_marks as drop_marks
from .citing import end_of_numbers as end_of_numbers
from .citing import number_quotes as number_quotes
from .pipeline import answer as answer
from .pipeline import best_fit as best_fit
from .pipeline import look_up as look_up
from .pipeline import understand as understand
from .understanding import read_names as read_names
