"""Addresses of the assessment room, under ``/api/courses/``."""

from django.urls import path

from courses.assessment.views import (
    AssessmentsView,
    AttemptsView,
    AttemptView,
    QuestionsView,
    QuestionView,
    QuizView,
    QuizzesView,
    StartAttemptView,
    SubmitAttemptView,
)

urlpatterns = [
    path("quizzes/", QuizzesView.as_view()),
    path("quizzes/<id:pk>/", QuizView.as_view()),
    path("questions/", QuestionsView.as_view()),
    path("questions/<id:pk>/", QuestionView.as_view()),
    path("quiz-attempts/", AttemptsView.as_view()),
    path("quiz-attempts/start/", StartAttemptView.as_view()),
    path("quiz-attempts/<id:pk>/", AttemptView.as_view()),
    path("quiz-attempts/<id:pk>/submit/", SubmitAttemptView.as_view()),
    path("assessments/", AssessmentsView.as_view()),
]
